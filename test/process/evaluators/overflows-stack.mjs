// Calls itself until there is no stack left.
export default function deeper() {
  return deeper() + 1;
}
