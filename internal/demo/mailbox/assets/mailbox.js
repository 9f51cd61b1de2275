// Shows new mail by itself; without this, reloading does the same. A message
// that was opened by its address stays open.
const newest = Number(document.body.dataset.newest);
async function look() {
  try {
    const all = await (await fetch("/messages.json")).json();
    if (all.length && all[0].number > newest) {
      location.reload();
      return;
    }
  } catch {
    // The demo has stopped, or starts anew.
  }
  setTimeout(look, 1500);
}
setTimeout(look, 1500);
