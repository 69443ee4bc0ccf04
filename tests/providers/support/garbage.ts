/** What no provider documents as an answer, and what no adapter may take for one. */
export const GARBAGE = [
  "",
  "null",
  "[]",
  "{}",
  "0",
  '"sid"',
  "<html>502</html>",
  '{"sid":',
  '{"sid":7}',
] as const;
