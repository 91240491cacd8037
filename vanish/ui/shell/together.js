// What comes together is drawn together.  Streamlit draws the page anew for each element that it gets, unless the next
// one is there already: a move brings a dozen and more.  So elements wait for whatever else a run tells, its end above
// all, which on a move comes right behind them; but no longer than a reader would notice who watches a run.  The way to
// where they come in is React's and Streamlit 1.67's own: should it change, they are drawn as they come.
const LONGEST = 50;
const connected = fiber => {
  for (; fiber; fiber = fiber.sibling) {
    const found = fiber.stateNode?.connectionManager?.websocketConnection ?? connected(fiber.child);
    if (found) return found;
  }
};
const root = document.getElementById('root') ?? {};
const connection = connected(root[Object.keys(root).find(name => name.startsWith('__reactContainer$'))]);
if (connection?.args?.onMessage && !window.vanishTogether) {
  window.vanishTogether = true;
  const draw = connection.args.onMessage;
  let waiting = [], timer;
  const drawAll = () => {
    clearTimeout(timer);
    const messages = waiting;
    waiting = [];
    messages.forEach(message => draw(message));
  };
  const onMessage = message => {
    if (waiting.push(message) === 1) timer = setTimeout(drawAll, LONGEST);
    // A tab that nobody sees has timers of a second and more.
    if (message.type !== 'delta' || document.hidden) drawAll();
  };
  connection.args = { ...connection.args, onMessage };
}
