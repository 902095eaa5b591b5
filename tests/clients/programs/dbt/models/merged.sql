{{ config(materialized="incremental", incremental_strategy="merge", unique_key="id",
          on_schema_change="sync_all_columns" if target.type == "redshift" else "ignore") }}
select id, customer, {% if is_incremental() and target.type == "redshift" %} amount {% else %} placed {% endif %}
from {{ ref("orders") }}
