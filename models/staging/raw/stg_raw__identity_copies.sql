{{ copies_of(source('raw', 'identities')) }}
