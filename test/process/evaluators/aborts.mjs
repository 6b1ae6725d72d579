// Ends by SIGABRT, as a failed assertion in native code does.
export default () => process.abort();
