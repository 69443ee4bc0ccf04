import type { Answer } from "./samples.ts";

/** A fetch that answers from a list and keeps the requests. The last answer repeats. */
export function replyWith(...answers: Answer[]): {
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
      const { status, headers = {} } = answer;
      return Promise.resolve(new Response(textOf(answer) || null, { status, headers }));
    },
  };
}

export function textOf({ json, text }: Answer): string {
  return text ?? (json === undefined ? "" : JSON.stringify(json));
}
