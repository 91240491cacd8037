/* A link into the clipboard as soon as the box of links has been opened; the box says whether it is there. */

function copy(link) {
    const said = document.getElementById('vanish-copied'), box = said?.closest('[data-testid=stPopoverBody]');
    // Once an opening: settings that move while the box is open change what it shows, not what has been copied.
    if (!box || box.dataset.copied) return;
    box.dataset.copied = 'once';
    (navigator.clipboard ? navigator.clipboard.writeText(link) : selected(link, said)).then(
        () => { said.textContent = 'Copied: it opens the page just as you see it.'; },
        () => { said.textContent = 'The icon in the box copies it:'; },
    );
}

/* Pages without encryption have no clipboard of their own: they copy what is selected. */
function selected(link, place) {
    const text = place.appendChild(Object.assign(document.createElement('textarea'), { value: link }));
    text.select();
    const done = document.execCommand('copy');
    text.remove();
    return done ? Promise.resolve() : Promise.reject();
}
