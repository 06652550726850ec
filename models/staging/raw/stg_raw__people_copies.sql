{{ copies_of(source('raw', 'people')) }}
