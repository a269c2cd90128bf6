// Follows the feed in a browser. EventSource cannot send an Authorization header; fetch can, and reads the stream.

/** Each event as it happens, with the id to resume from; after a broken connection it goes on by itself. */
export async function* follow(url, key, { after = "", signal } = {}) {
  for (let wait = 500; ; wait = Math.min(wait * 2, 30_000)) {
    try {
      const answer = await fetch(`${url}/v1/events`, {
        headers: { Accept: "text/event-stream", Authorization: `Bearer ${key}`, ...(after && { "Last-Event-ID": after }) },
        signal,
      });
      if (answer.status === 410) after = (await answer.json()).last_common; // the log was restored
      else if (answer.ok) {
        for await (const frame of frames(answer.body)) {
          after = frame.id ?? after; // a sign of life moves the place on, too
          wait = 500;
          if (signal?.aborted) return; // what has come but was not taken yet is not wanted any more
          if (frame.data) yield { id: after, event: JSON.parse(frame.data) };
        }
      } else if (answer.status < 500 && answer.status !== 429) throw new Refusal((await answer.json()).detail);
    } catch (error) {
      if (signal?.aborted) return;
      if (error instanceof Refusal) throw error; // asking again would not help
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

class Refusal extends Error {}

/** Server-sent events: blocks of `name: value` lines, each ended by an empty line; a line may come in pieces. */
async function* frames(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const blocks = (rest + part.value).split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        const fields = block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]);
        yield Object.fromEntries(fields.filter(([name]) => name)); // a line that begins with a colon is a comment
      }
    }
  } finally {
    await reader.cancel();
  }
}
