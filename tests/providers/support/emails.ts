/** What no provider of e-mail is asked to send. */
import type { OutboundEmail } from "../../../supabase/functions/_shared/providers/provider.ts";
import type { ProviderSamples } from "./samples.ts";

const ATTACHMENT = { fileName: "a.txt", contentType: "text/plain", content: "aGk=" };

export function refusedEmails(message: OutboundEmail): ProviderSamples["refusedMessages"] {
  type Code = ProviderSamples["refusedMessages"][number]["code"];
  const refused = (name: string, code: Code, change: Partial<OutboundEmail>) => ({
    name,
    message: { ...message, ...change },
    code,
  });
  const { from, to, statusUrl, reference, text } = message;
  return [
    {
      name: "a text message",
      message: { channel: "sms", from, to, statusUrl, reference, text, mediaUrls: [] },
      code: "unsupported",
    },
    refused("no content", "invalid_request", { text: " \n", html: "" }),
    refused("no address to send from", "invalid_sender", { from: "Shop" }),
    refused("a second sender behind a line break", "invalid_sender", {
      from: "a@shop.example\r\nBcc: eve@example.com",
    }),
    refused("a header in the sender's name", "invalid_sender", {
      fromName: "Shop\r\nBcc: eve@example.com",
    }),
    refused("a recipient that is none", "invalid_recipient", { to: "ada" }),
    refused("two recipients in one", "invalid_recipient", { to: "a@b.example,c@d.example" }),
    refused("a named recipient", "invalid_recipient", { to: "Ada <ada@example.com>" }),
    refused("a header in a recipient", "invalid_recipient", {
      to: "a@b.example\nBcc: c@d.example",
    }),
    refused("a header in a copy", "invalid_recipient", { cc: ["a@b.example\rX: y"] }),
    refused("a header in a blind copy", "invalid_recipient", { bcc: ["a@b.example\u0085x"] }),
    refused("a header in the address for replies", "invalid_request", {
      replyTo: "a@b.example\r\nX: y",
    }),
    refused("a header in the subject", "invalid_request", { subject: "Hi\r\nBcc: c@d.example" }),
    refused("a header in a header's value", "invalid_request", {
      headers: { "In-Reply-To": "<a@b>\r\nBcc: c@d.example" },
    }),
    refused("a header in a header's name", "invalid_request", {
      headers: { "X-A: b\r\nBcc": "c@d.example" },
    }),
    refused("a header without a name", "invalid_request", { headers: { "": "c" } }),
    refused("a second subject", "invalid_request", { headers: { Subject: "other" } }),
    refused("a header in an attachment's name", "invalid_request", {
      attachments: [{ ...ATTACHMENT, fileName: 'a"\r\nX: y' }],
    }),
    refused("a header in an attachment's type", "invalid_request", {
      attachments: [{ ...ATTACHMENT, contentType: "text/plain\r\nX: y" }],
    }),
    refused("a header in an attachment's identifier", "invalid_request", {
      attachments: [{ ...ATTACHMENT, contentId: "a>\r\nX: y" }],
    }),
    refused("an attachment without a name", "invalid_request", {
      attachments: [{ ...ATTACHMENT, fileName: "" }],
    }),
    refused("an attachment that is not in base64", "invalid_request", {
      attachments: [{ ...ATTACHMENT, content: "hello world" }],
    }),
    refused("more than any provider takes", "invalid_request", {
      attachments: [{ ...ATTACHMENT, content: "A".repeat(41 * 1024 * 1024) }],
    }),
  ];
}
