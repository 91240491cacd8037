// What is changed in a fold comes with the results, which do not hold the sidebar: it is written there, and again where
// Streamlit draws a fold anew.
const write = () => {
  for (const [fold, text] of Object.entries(said)) {
    const place = document.querySelector(`.st-key-fold_${fold}`);
    let line = place?.querySelector(':scope > .vanish-changed');
    if (!text || !place) {
      line?.remove();
      continue;
    }
    line ??= place.appendChild(Object.assign(document.createElement('p'), { className: 'vanish-changed' }));
    if (line.textContent !== text) line.textContent = text;
  }
};
window.vanishChanged?.disconnect();
window.vanishChanged = new MutationObserver(write);
const sidebar = document.querySelector('[data-testid=stSidebar]');
if (sidebar) window.vanishChanged.observe(sidebar, { childList: true, subtree: true });
write();
