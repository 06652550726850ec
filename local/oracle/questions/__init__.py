"""The questions that `throughline verify` asks both the warehouse and the brute force."""
