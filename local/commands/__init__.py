"""The commands of `throughline`, a module per group."""
