// Throws an error that claims to be one of the library's own.
export default () => {
  throw Object.assign(new Error('believe me'), { name: 'EvaluationError', code: 'SUPERVISOR_LOST', kind: 'cancelled' });
};
