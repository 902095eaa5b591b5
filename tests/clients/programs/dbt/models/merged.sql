{{ config(materialized="incremental", incremental_strategy="merge", unique_key="id", on_schema_change="sync_all_columns") }}
select id, customer, {% if is_incremental() %} amount {% else %} placed {% endif %} from {{ ref("orders") }}
