"""What Great Expectations holds against `raw`, the boundary where others' data comes in. After it, dbt tests do."""
