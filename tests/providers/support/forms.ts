/** True when two forms hold the same parameters, of which signatures count each value once. */
export function sameParameters(one: Uint8Array, other: Uint8Array): boolean {
  return distinct(one) === distinct(other);
}

function distinct(form: Uint8Array): string {
  const parameters = [...new URLSearchParams(new TextDecoder().decode(form))];
  return [...new Set(parameters.map((parameter) => JSON.stringify(parameter)))].sort().join();
}
