import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { assert, assertEquals } from "@std/assert";
import type { Stack } from "../../scripts/stack/types.ts";
import { Project } from "./support/project.ts";

Deno.test("supabase-js stores files as on the platform, and a restart keeps them", async (t) => {
  await using project = await Project.create();
  const first = await project.start();
  const bytes = new Uint8Array([0, 1, 2, 253, 254, 255]);
  try {
    const { storage } = operatorOf(first);
    await storage.createBucket("files", { public: false });
    const bucket = storage.from("files");

    await t.step("a file is read back, by signed URL, too", async () => {
      for (const name of ["a/b c.png", "a/2.png", "../../1.png", "%2e%2e/1.png"]) {
        await bucket.upload(name, new Blob([bytes], { type: "image/png" }));
      }
      const { data: file } = await bucket.download("a/b c.png");
      assertEquals([file?.type, await file?.bytes()], ["image/png", bytes]);
      const { data: one } = await bucket.createSignedUrl("a/2.png", 60);
      assertEquals(await (await fetch(one!.signedUrl)).bytes(), bytes);
      const { data: all } = await bucket.createSignedUrls(["a/b c.png", "gone.png"], 60);
      assertEquals(all?.map(({ path, signedUrl }) => [path, signedUrl === null]), [
        ["a/b c.png", false],
        ["gone.png", true],
      ]);
      assertEquals(await (await fetch(all![0]!.signedUrl!)).bytes(), bytes);
      const folder = [];
      for await (const { name } of Deno.readDir(`${project.dataDirectory}/files`)) {
        folder.push(name);
      }
      assert(folder.every((name) => /^[0-9a-f]{64}(\.json)?$/.test(name)), folder.join());
    });

    await t.step("a copy is a file of its own, and what is removed is gone", async () => {
      await bucket.copy("a/2.png", "a/3.png");
      await bucket.remove(["a/2.png"]);
      assertEquals((await bucket.download("a/2.png")).data, null);
      assertEquals(await (await bucket.download("a/3.png")).data?.bytes(), bytes);
    });

    await t.step("without a key and a policy nothing is seen", async () => {
      const anyone = createClient(first.url, first.publishableKey).storage.from("files");
      assertEquals((await anyone.download("a/3.png")).data, null);
      assertEquals((await anyone.upload("a/4.png", new Blob([bytes]))).data, null);
    });
  } finally {
    await first.stop();
  }

  await t.step("after a restart it is still there", async () => {
    const second = await project.start();
    try {
      const { data } = await operatorOf(second).storage.from("files").download("a/3.png");
      assertEquals(await data?.bytes(), bytes);
    } finally {
      await second.stop();
    }
  });
});

const operatorOf = (stack: Stack): SupabaseClient => createClient(stack.url, stack.secretKey);
