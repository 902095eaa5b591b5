{{ config(materialized="incremental", incremental_strategy="microbatch", unique_key="id", event_time="placed",
          begin="2026-01-01", batch_size="year") }}
select id, placed from {{ ref("orders") }}
