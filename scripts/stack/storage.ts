import { Buffer } from "node:buffer";
import { createHash, randomUUID } from "node:crypto";
import { join } from "node:path";
import type { App } from "@supabase/lite";

type StorageAdapter = NonNullable<App["_storageAdapter"]>;
type StoredObject = Awaited<ReturnType<StorageAdapter["headObject"]>>;

/** Keeps the bytes of stored objects in a folder; what else is known of them is in the database. */
export function createFileStorage(directory: string): StorageAdapter {
  // A digest: whatever a name holds, it leads nowhere else.
  const pathOf = (bucket: string, key: string) =>
    join(directory, createHash("sha256").update(`${bucket}/${key}`).digest("hex"));

  const read = async (bucket: string, key: string): Promise<StoredObject> => {
    const known = JSON.parse(await Deno.readTextFile(`${pathOf(bucket, key)}.json`));
    return { ...known, lastModified: new Date(known.lastModified) };
  };
  const write = async (path: string, bytes: Uint8Array, known: StoredObject) => {
    await Deno.mkdir(directory, { recursive: true, mode: 0o700 });
    await Deno.writeFile(path, bytes, { mode: 0o600 });
    await Deno.writeTextFile(`${path}.json`, JSON.stringify(known), { mode: 0o600 });
  };
  const remove = async (bucket: string, key: string) => {
    for (const path of [pathOf(bucket, key), `${pathOf(bucket, key)}.json`]) {
      await Deno.remove(path).catch((error) => {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      });
    }
  };

  return {
    driver: null,
    async getObject(bucket, key) {
      const metadata = await read(bucket, key);
      const body = new Blob([await Deno.readFile(pathOf(bucket, key))]);
      return { metadata, httpStatusCode: 200, body };
    },
    async uploadObject(bucket, key, _version, body, contentType, cacheControl) {
      const bytes = await new Response(body as BodyInit).bytes();
      const metadata: StoredObject = {
        cacheControl,
        contentLength: bytes.byteLength,
        size: bytes.byteLength,
        mimetype: contentType,
        lastModified: new Date(),
        eTag: `"${randomUUID()}"`,
      };
      await write(pathOf(bucket, key), bytes, metadata);
      return metadata;
    },
    deleteObject: remove,
    async deleteObjects(bucket, keys) {
      for (const key of keys) await remove(bucket, key);
    },
    async copyObject(sourceBucket, source, _version, bucket, key) {
      const metadata = await read(sourceBucket, source);
      await write(pathOf(bucket, key), await Deno.readFile(pathOf(sourceBucket, source)), metadata);
      return metadata;
    },
    headObject: read,
    privateAssetUrl: () => Promise.reject(new Error("Cannot transform: nothing here does")),
  };
}

const NAMELESS_FIELD = 'form-data; name="";';
const FIELD_OF_FILE = 'form-data; name="file";';

/**
 * supabase-js sends the file of a form in a field without a name, which the platform takes. The
 * library asks for `file`, and Deno drops fields without a name.
 */
async function asLibraryUploads(request: Request): Promise<Request> {
  const isForm = request.headers.get("content-type")?.startsWith("multipart/form-data") ?? false;
  if (!isForm || !new URL(request.url).pathname.startsWith("/storage/v1/object/")) return request;
  const form = Buffer.from(await request.arrayBuffer());
  const start = form.indexOf(NAMELESS_FIELD);
  const named = start < 0 ? form : Buffer.concat([
    form.subarray(0, start),
    Buffer.from(FIELD_OF_FILE),
    form.subarray(start + NAMELESS_FIELD.length),
  ]);
  const headers = new Headers(request.headers);
  headers.delete("content-length");
  return new Request(request.url, { method: request.method, headers, body: named });
}

type Handle = (request: Request) => Promise<Response>;

const SIGN = "/storage/v1/object/sign/";

/** What the library and the platform, for which supabase-js is made, do differently. */
export async function asPlatform(request: Request, handle: Handle): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (request.method !== "POST" || !pathname.startsWith(SIGN)) {
    return await handle(await asLibraryUploads(request));
  }
  const isBatch = !pathname.slice(SIGN.length).includes("/");
  return isBatch ? await signAll(request, handle) : await signOne(request, handle);
}

/** The library answers with `signedUrl` below the project; the platform with `signedURL` below Storage. */
async function signOne(request: Request, handle: Handle): Promise<Response> {
  const answer = await handle(request);
  if (!answer.ok) return answer;
  const { signedUrl } = await answer.json();
  return Response.json({ signedURL: signedUrl.replace(/^\/storage\/v1/, "") });
}

/** The library takes a batch for a file without a name. */
async function signAll(request: Request, handle: Handle): Promise<Response> {
  const { paths, expiresIn } = await request.json();
  const headers = new Headers(request.headers);
  headers.delete("content-length");
  return Response.json(
    await Promise.all(paths.map(async (path: string) => {
      const url = `${request.url}/${encodeURI(path)}`;
      const body = JSON.stringify({ expiresIn });
      const answer = await signOne(new Request(url, { method: "POST", headers, body }), handle);
      const { signedURL = null, message = null } = await answer.json();
      return { path, signedURL, error: message };
    })),
  );
}
