// Ends its process while it loads, as if all were well.
process.exit(0);
