import { Client } from "@gradio/client";

const client = await Client.connect(process.argv[2]);
const fields = ["Hello there.", null, null, null, 3, null, null, null, null, null];
const answer = await client.predict("/text-to-speech", fields);
console.log(JSON.stringify(answer.data[0]));
process.exit(); // its stream stays open
