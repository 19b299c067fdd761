import OpenAI from "openai";

const client = new OpenAI({ baseURL: `${process.argv[2]}/v1`, apiKey: "unused" });
const answer = await client.audio.speech.create({
  model: "gpt-4o-mini-tts",
  voice: "coral",
  input: "Hello there.",
  response_format: "pcm",
});
console.log(
  JSON.stringify({
    type: answer.headers.get("content-type"),
    warnings: answer.headers.get("x-warnings"),
    bytes: (await answer.arrayBuffer()).byteLength,
  }),
);
