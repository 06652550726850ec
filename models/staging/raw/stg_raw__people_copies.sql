select * from {{ copies_of(source('raw', 'people')) }}
