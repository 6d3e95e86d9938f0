// What a program in JavaScript does with the official SDK. Prints one JSON object: what it saw.
//   node journey.mjs STEP      with BASE_URL, API_KEY and MODEL in the environment

import OpenAI, { toFile } from "openai";

const { BASE_URL: baseURL, API_KEY: apiKey, MODEL: model } = process.env;
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const said = (content) => [{ role: "user", content }];
const poll = { pollIntervalMs: 20 };

async function collected(list) {
  const found = [];
  for await (const each of list) found.push(each);
  return found;
}

// The SDK's exception, as far as Python wants to know it.
async function refused(promise) {
  try {
    await promise;
  } catch (error) {
    const { code, param, status } = error;
    return { kind: error.constructor.name, code, param, status };
  }
  return null;
}

const steps = {
  async files() {
    const made = await client.files.create({
      file: await toFile(Buffer.from("The harbour opens at six."), "港口.md"),
      purpose: "assistants",
    });
    const ready = await client.files.waitForProcessing(made.id, { pollInterval: 20 });
    const content = await (await client.files.content(made.id)).text();
    const listed = await collected(client.files.list({ limit: 1 }));
    const deleted = await client.files.delete(made.id);
    return {
      filename: made.filename,
      status: ready.status,
      content,
      isListed: listed.some((each) => each.id === made.id),
      deleted: deleted.deleted,
    };
  },

  async stores() {
    const store = await client.vectorStores.create({ name: "Node", metadata: { from: "node" } });
    const file = await toFile(Buffer.from("The bakery opens at five."), "bakery.md");
    const uploaded = await client.vectorStores.files.uploadAndPoll(store.id, file, poll);
    await client.vectorStores.files.update(uploaded.id, {
      vector_store_id: store.id,
      attributes: { town: "Hill", year: 2026 },
    });
    const other = await client.files.create({
      file: await toFile(Buffer.from("A pilot guides ships."), "pilots.md"),
      purpose: "assistants",
    });
    const created = await client.vectorStores.files.createAndPoll(
      store.id,
      { file_id: other.id },
      poll,
    );
    const batch = await client.vectorStores.fileBatches.uploadAndPoll(
      store.id,
      { files: [await toFile(Buffer.from("The vault opens at noon."), "vault.md")] },
      poll,
    );
    const searched = await collected(
      client.vectorStores.search(store.id, {
        query: "When does it open?",
        filters: { type: "eq", key: "town", value: "Hill" },
      }),
    );
    const listed = await collected(client.vectorStores.files.list(store.id, { limit: 2 }));
    const renamed = await client.vectorStores.update(store.id, { name: "Renamed" });
    await client.vectorStores.files.delete(other.id, { vector_store_id: store.id });
    const deleted = await client.vectorStores.delete(store.id);
    return {
      statuses: [uploaded.status, created.status, batch.status],
      completed: batch.file_counts.completed,
      found: searched.map((each) => [each.filename, each.attributes, each.content[0].text]),
      listed: listed.length,
      name: renamed.name,
      deleted: deleted.deleted,
    };
  },

  async chat() {
    const question = "How many days of annual leave a year for full-time staff?";
    const whole = await client.chat.completions.create({ model, messages: said(question) });
    const stream = await client.chat.completions.create({
      model,
      messages: said(question),
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    let usage = null;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta?.content ?? "";
      usage = chunk.usage ?? usage;
    }
    const { data, response } = await client.chat.completions
      .create({ model: "simulator", messages: said("Hi") })
      .withResponse();
    const models = await collected(client.models.list());
    return {
      content: whole.choices[0].message.content,
      quotes: whole.choices[0].message.annotations.map((each) => each.file_citation.quote),
      text,
      tokens: usage.completion_tokens,
      said: data.choices[0].message.content,
      requestId: data._request_id === response.headers.get("x-request-id"),
      limit: response.headers.get("x-ratelimit-limit-requests"),
      isModel: models.some((each) => each.id === model),
      retrieved: (await client.models.retrieve(model)).id,
    };
  },

  async json() {
    const schema = {
      type: "object",
      properties: { answer: { type: "string" }, days: { type: "integer" } },
      required: ["answer", "days"],
      additionalProperties: false,
    };
    const answer = await client.chat.completions.create({
      model,
      messages: said("How many days of annual leave a year for full-time staff?"),
      response_format: { type: "json_schema", json_schema: { name: "leave", schema, strict: true } },
    });
    return JSON.parse(answer.choices[0].message.content);
  },

  async errors() {
    const stranger = new OpenAI({ baseURL, apiKey: "sk-stoa-wrong", maxRetries: 0 });
    const nowhere = new OpenAI({ baseURL: "http://127.0.0.1:9/v1", apiKey, maxRetries: 0 });
    const ask = (content, more = {}) =>
      client.chat.completions.create({ model: "simulator", messages: said(content), ...more });
    const once = { headers: { "Idempotency-Key": `node-${process.pid}-${Date.now()}` } };
    await client.vectorStores.create({ name: "One" }, once);
    const broken = async () => collected(await ask("break off", { stream: true }));
    return {
      bad: await refused(ask("Hi", { n: 2 })),
      authentication: await refused(stranger.models.list()),
      unknown: await refused(client.files.retrieve("file-none")),
      reused: await refused(client.vectorStores.create({ name: "Two" }, once)),
      server: await refused(ask("refuse at once")),
      stream: await refused(broken()),
      connection: await refused(nowhere.models.list()),
      timeout: await refused(client.chat.completions.create(
        { model: "simulator", messages: said("say nothing more") },
        { timeout: 500 },
      )),
    };
  },

  async retries() {
    const patient = new OpenAI({ baseURL, apiKey, maxRetries: 5 });
    const fragile = (content) => ({ model: "fragile", messages: said(content) });
    const first = await refused(client.chat.completions.create(fragile("go down")));
    const started = Date.now();
    const answer = await patient.chat.completions.create(fragile("Hi"));
    return {
      first: first.status,
      content: answer.choices[0].message.content,
      id: answer.id,
      waitedMs: Date.now() - started,
    };
  },

  async idempotency() {
    const once = { headers: { "Idempotency-Key": `node-${process.pid}-${Date.now()}` } };
    const ask = () =>
      client.chat.completions
        .create({ model: "simulator", messages: said("Hi") }, once)
        .withResponse();
    const [first, second] = [await ask(), await ask()];
    const upload = async () =>
      client.files.create(
        { file: await toFile(Buffer.from("x"), "a.txt"), purpose: "assistants" },
        { headers: { "Idempotency-Key": `${once.headers["Idempotency-Key"]}-file` } },
      );
    const files = [await upload(), await upload()];
    return {
      ids: [first.data.id, second.data.id],
      replayed: second.response.headers.get("idempotent-replayed"),
      files: files.map((each) => each.id),
    };
  },
};

console.log(JSON.stringify(await steps[process.argv[2]]()));
