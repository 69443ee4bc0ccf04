/** A fetch that answers from a list and keeps the requests. The last answer repeats. */
export function replyWith(...answers: { status: number; json?: unknown; text?: string }[]): {
  fetch: (request: Request) => Promise<Response>;
  requests: Request[];
} {
  const requests: Request[] = [];
  return {
    requests,
    fetch(request) {
      const answer = answers[Math.min(requests.length, answers.length - 1)];
      requests.push(request);
      if (!answer) return Promise.reject(new Error("No request was expected"));
      const { status, json, text = json === undefined ? null : JSON.stringify(json) } = answer;
      return Promise.resolve(new Response(text || null, { status }));
    },
  };
}
