// Reads so many events with the page's own module, and prints the place and the position of each.
const [module, url, key, count, after] = process.argv.slice(2);
const { follow } = await import(module);
const enough = new AbortController();
let left = Number(count);
try {
  for await (const { id, event } of follow(url, key, { after, signal: enough.signal })) {
    console.log(`${id} ${event.position}`);
    if (--left === 0) enough.abort();
  }
} catch (refusal) {
  console.log(refusal.message);
}
