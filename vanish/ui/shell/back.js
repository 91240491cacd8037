// Streamlit writes what its widgets are set to over the address's present entry: from another chapter, the browser's
// Back would leave the page.  Who turns to another chapter leaves an entry behind, and what the server makes of the new
// address is no further one; Streamlit finds the way back.
if (!window.vanishBack) {
  window.vanishBack = true;
  const { replaceState: replace, pushState: push } = history;
  const chapter = address => new URL(address, location.href).searchParams.get('chapter');
  const turns = address => address && chapter(address) !== chapter(location.href);
  let turning = false, turned = false;
  const act = event => { turning = Boolean(event.target.closest?.('[role=tab]')); turned = false; };
  for (const kind of ['pointerdown', 'keydown', 'popstate']) addEventListener(kind, act, true);
  history.replaceState = function (...entry) {
    if (!turning || !turns(entry[2])) return replace.apply(this, entry);
    [turning, turned] = [false, true];
    return push.apply(this, entry);
  };
  history.pushState = function (...entry) {
    return (turned && !turns(entry[2]) ? replace : push).apply(this, entry);
  };
}
