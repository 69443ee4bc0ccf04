import { fromBase64 } from "../_shared/crypto.ts";
import { type ClientMessage, type Fields, isFields } from "./message.ts";
import {
  type Era,
  HANDSHAKE_VERSIONS,
  isStatelessVersion,
  META,
  RpcError,
  STATELESS_VERSIONS,
} from "./protocol.ts";

/**
 * Which era a message is of, by what it says of itself; what it says has to be complete and the same
 * in its headers and its body.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http (read 2026-11-20)
 */
export function readEra(headers: Headers, message: ClientMessage): Era {
  const header = headers.get("mcp-protocol-version");
  const meta = isFields(message.params._meta) ? message.params._meta : {};
  if (META.protocolVersion in meta) return checkEnvelope(headers, message, meta);
  if (header === null) return "handshake";
  if (isKnown(header, STATELESS_VERSIONS)) {
    if (message.id === undefined) return "stateless";
    throw message.method === "initialize"
      ? mismatch(`initialize is not part of protocol version ${header}`)
      : invalidEnvelope(META.protocolVersion, "is missing");
  }
  // A client that has not shaken hands yet cannot know which one to name.
  const isUnknown = !isKnown(header, HANDSHAKE_VERSIONS) && message.method !== "initialize";
  if (isUnknown || isStatelessVersion(header)) throw unsupported(header);
  return "handshake";
}

function checkEnvelope(headers: Headers, message: ClientMessage, meta: Fields): Era {
  const version = meta[META.protocolVersion];
  if (typeof version !== "string") throw invalidEnvelope(META.protocolVersion, "must be text");
  const header = headers.get("mcp-protocol-version");
  if (header !== null && header !== version) {
    throw mismatch("MCP-Protocol-Version and the body name different protocol versions");
  }
  if (!isKnown(version, STATELESS_VERSIONS)) throw unsupported(version);
  // What is asked of the headers of a notification, the protocol leaves open.
  if (message.id === undefined) return "stateless";
  if (!isFields(meta[META.clientCapabilities])) {
    throw invalidEnvelope(META.clientCapabilities, "must be an object");
  }
  checkClientInfo(meta[META.clientInfo]);
  if (header === null) throw mismatch("the MCP-Protocol-Version header is missing");
  checkMirror(headers, "Mcp-Method", message.method);
  const { name } = message.params;
  if (message.method === "tools/call" && typeof name === "string") {
    checkMirror(headers, "Mcp-Name", name);
  }
  return "stateless";
}

function checkClientInfo(info: unknown): void {
  if (info === undefined) return;
  if (!isFields(info) || typeof info.name !== "string" || typeof info.version !== "string") {
    throw invalidEnvelope(META.clientInfo, "must have a name and a version");
  }
}

/** Whatever stands between may have decided by the header: it must not have been told another thing. */
function checkMirror(headers: Headers, name: string, expected: string): void {
  const header = headers.get(name);
  if (header === null) throw mismatch(`the ${name} header is missing`);
  if (decode(header) !== expected) throw mismatch(`the ${name} header and the body differ`);
}

/** What does not fit into a header is carried as Base64 between two marks. */
function decode(header: string): string | undefined {
  const encoded = /^=\?base64\?(.*)\?=$/.exec(header)?.[1];
  if (encoded === undefined) return header;
  if (encoded === "") return "";
  const bytes = fromBase64(encoded);
  try {
    return bytes && new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function isKnown(version: string, versions: readonly string[]): boolean {
  return versions.includes(version);
}

function mismatch(flaw: string): RpcError {
  return new RpcError("header_mismatch", `Header mismatch: ${flaw}`, 400);
}

function invalidEnvelope(key: string, flaw: string): RpcError {
  return new RpcError("invalid_params", `Invalid params: _meta["${key}"] ${flaw}`, 400);
}

/** With what a client can go on with at once; other versions begin with a handshake. */
function unsupported(requested: string): RpcError {
  const message = `Unsupported protocol version: send ${STATELESS_VERSIONS.join(" or ")}, ` +
    `or initialize with ${HANDSHAKE_VERSIONS.join(" or ")}`;
  return new RpcError("unsupported_version", message, 400, {
    supported: STATELESS_VERSIONS,
    requested: requested.slice(0, 100),
  });
}
