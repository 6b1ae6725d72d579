// Answers with a promise of a promise that never settles.
export default async () => ({ then: () => undefined });
