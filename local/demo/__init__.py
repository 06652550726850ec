"""`throughline demo`: the whole way on one machine, each stage a command that anyone may run alone."""
