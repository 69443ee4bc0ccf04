/** How this project's own services are told who asks, by one of its secret keys. */
export function keyHeaders(secretKey: string): Record<string, string> {
  // A legacy key is a JWT and has to say so; an opaque one must not stand where a JWT is expected.
  const bearer = secretKey.startsWith("eyJ") ? { authorization: `Bearer ${secretKey}` } : {};
  return { apikey: secretKey, ...bearer };
}
