{{ copies_of(source('raw', 'events')) }}
