/* The lesson goes on: the page shows, reads out and takes the reader to what is new; a clicker's keys lead on and back. */

const HEADINGS = ':is(h1, h2, h3, h4, h5, h6)';
// What clickers send, beside the arrows, which are the buttons' own.
const KEYS = { PageDown: 'present_next', PageUp: 'present_back', ' ': 'present_next' };

/* To what a button has brought: `panel` into view, the focus to `fresh`, and `said` to who listens. */
function arrive({ moved, panel, fresh, said }) {
    // The first time nobody has pressed anything: the page stays where the reader, or the browser, has it.  What is
    // drawn anew, as when a slider moves, is nothing new.
    const now = `${moved} ${said}`;
    if (!moved || window.vanishArrived === now) return;
    window.vanishArrived = now;
    requestAnimationFrame(() => {
        const around = document.querySelector(`.st-key-${panel}`);
        const place = document.querySelector(`.st-key-${fresh}`) ?? around;
        if (!around) return;
        const top = around.getBoundingClientRect().top;
        // On touch what is new is below the button that was pressed, or above the screen.
        if (matchMedia('(hover: none)').matches || top < 0 || top > innerHeight / 2) around.scrollIntoView();
        const target = place.querySelector(HEADINGS) ?? place;
        target.tabIndex = -1;
        target.style.outline = 'none';
        target.focus({ preventScroll: true });
        region().textContent = said;
    });
}

/* A region that stays while all else is drawn anew: only what changes in it is read out. */
function region() {
    const known = document.getElementById('vanish-said');
    if (known) return known;
    const made = Object.assign(document.createElement('div'), { id: 'vanish-said', role: 'status' });
    made.style.cssText = 'position: fixed; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%)';
    return document.body.appendChild(made);
}

function walk(event) {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    // Space is the focused control's own.
    if (event.key === ' ' && event.target.closest?.('button, a, input, textarea, summary, [role=option]')) return;
    const button = KEYS[event.key] && document.querySelector(`.st-key-${KEYS[event.key]} button`);
    if (!button) return;
    event.preventDefault();
    if (!button.disabled) button.click();
}
