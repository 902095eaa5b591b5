{{ config(materialized="view") }}
select id, customer, amount, placed from {{ ref("orders") }} where amount > 6
