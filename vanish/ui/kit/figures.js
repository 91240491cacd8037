/* Figures to take home: every chart as SVG and PNG, dark on white whatever the theme, with its title, settings and link.

The chart's own toolbar has a button for a PNG, in the theme's colours: here it gets the page's figure instead, and a
second button, for an SVG, beside it.  Nothing runs while the controls move. */

const FRAME = '[data-testid=stFullScreenFrame]', CHART = '[data-testid=stVegaLiteChart]';
const SVG = 'http://www.w3.org/2000/svg';
const FONT = '"Source Sans", "Source Sans 3", "Source Sans Pro", Helvetica, Arial, sans-serif';
const INK = '#1b1b28', SMALL = '#5b5b6b', GRID = '#c6c6d2', PAPER = '#ffffff';
const EDGE = 10, TITLE = 15, NOTE = 10;
// Pixels of a PNG for one of the page: 300 an inch where a figure of 820 is 7 inches wide.
const SCALE = 3;
// Words that the theme colours; what stands among the marks has a colour of its own, which white and black both bear.
const WORDS = ':is(.role-axis-label, .role-axis-title, .role-legend-label, .role-legend-title, .role-title-text, '
    + '.role-title-subtitle) text';
const RULES = ':is(.role-axis-grid, .role-axis-tick, .role-axis-domain) line';

function listen(page) {
    const dress = event => {
        const frame = event.target.closest?.(FRAME);
        if (frame) secondButton(frame);
    };
    const take = async event => {
        const button = event.target.closest?.('button'), frame = button?.closest(FRAME);
        const kind = button?.ariaLabel?.match(/^Download as (PNG|SVG)/)?.[1].toLowerCase();
        const chart = kind && frame?.querySelector(CHART);
        // Of what is painted in part, the view alone has all.
        const whole = chart && !chart.querySelector('canvas') && chart.querySelector('svg.marks');
        const drawing = chart && (whole || viewOf(chart));
        // Where none is found the toolbar does what it does by itself.
        if (!drawing) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        const title = firstSentence(chart.ariaLabel ?? 'Chart');
        await save(figure(await copied(drawing), title, about(page)), kind, fileName(title));
    };
    const putPaperDown = watchPaper(page);
    const heard = [['pointerover', dress], ['focusin', dress], ['click', take]];
    for (const [name, listener] of heard) document.addEventListener(name, listener, true);
    return () => {
        putPaperDown();
        heard.forEach(([name, listener]) => document.removeEventListener(name, listener, true));
    };
}

function secondButton(frame) {
    const png = frame.querySelector('button[aria-label^="Download as PNG"]');
    if (!png || !frame.querySelector(CHART)) return;
    const place = png.closest('[data-testid=stElementToolbarButton]');
    let svg = frame.querySelector('button[aria-label^="Download as SVG"]');
    if (!svg) {
        svg = document.createElement('div').appendChild(png.cloneNode(false));
        svg.title = 'Download as SVG';
        svg.textContent = 'SVG';
        svg.parentElement.style.display = 'flex';
        Object.assign(svg.style, { fontSize: '11px', fontWeight: 650, lineHeight: 1 });
    }
    // In another theme the toolbar is drawn anew around it, in other classes.
    const copy = svg.parentElement;
    copy.className = place.className;
    svg.className = png.className;
    if (place.nextElementSibling !== copy) place.after(copy);
    svg.ariaLabel = png.ariaLabel.replace('PNG', 'SVG');
}

/* What stands under a figure: the settings that the open view reads, by the address, which says all that is no default. */
function about({ version, controls, unsaid }) {
    const link = new URL(location.href);
    for (const key of unsaid) if (link.searchParams.has(key)) link.searchParams.delete(key);
    const said = controls.map(({ key, label, otherwise, labels }) => {
        const texts = link.searchParams.getAll(key);
        return [label, texts.length ? texts.map(text => labels[text] ?? text).join(', ') : otherwise];
    });
    // What is left empty is not in use.
    const settings = 'Set on the page: '
        + said.filter(([, value]) => value).map(one => one.join(': ')).join(' · ');
    return { settings: said.length ? settings : '', link: link.href, made: `vanish ${version}` };
}

/* An SVG element of one's own: of the one that is drawn, or what Vega's view makes where the chart is a canvas. */
async function copied(drawing) {
    if (drawing instanceof Element) return drawing.cloneNode(true);
    const made = new DOMParser().parseFromString(await drawing.toSVG(), 'image/svg+xml').documentElement;
    // The theme's ground.
    made.querySelector(':scope > rect')?.remove();
    return made;
}

/* The view of a chart: React alone keeps it. */
function viewOf(chart) {
    const fiber = Object.keys(chart).find(key => key.startsWith('__reactFiber$'));
    for (let node = chart[fiber]; node; node = node.return)
        for (let hook = node.memoizedState; hook && typeof hook === 'object' && 'next' in hook; hook = hook.next)
            if (typeof hook.memoizedState?.current?.toSVG === 'function') return hook.memoizedState.current;
    return null;
}

/* The drawing on white paper, its title above, its settings and link below. */
function figure(drawn, title, { settings, link, made }) {
    const width = parseFloat(drawn.getAttribute('width')), height = parseFloat(drawn.getAttribute('height'));
    onPaper(drawn);
    const wide = width + 2 * EDGE;
    const out = element('svg', { xmlns: SVG, 'xmlns:xlink': 'http://www.w3.org/1999/xlink', width: wide });
    const paper = out.appendChild(element('rect', { width: wide, fill: PAPER }));
    let y = EDGE;
    const write = (text, size, color, weight) => {
        for (const line of wrapped(text, width, size, weight)) {
            y += size * 1.3;
            const attributes = { x: EDGE, y: y - size * 0.3, fill: color, 'font-size': `${size}px`, 'font-weight': weight };
            out.appendChild(element('text', { ...attributes, 'font-family': FONT })).textContent = line;
        }
    };
    write(title, TITLE, INK, 600);
    const inside = out.appendChild(element('g', { transform: `translate(${EDGE},${y + EDGE})` }));
    inside.append(...drawn.childNodes);
    y += height + 2 * EDGE;
    for (const text of [settings, link, made]) write(text, NOTE, SMALL, 400);
    const tall = Math.ceil(y + EDGE);
    out.setAttribute('height', tall);
    out.setAttribute('viewBox', `0 0 ${wide} ${tall}`);
    paper.setAttribute('height', tall);
    return out;
}

/* Explicit colours, for white paper. */
function onPaper(drawn) {
    drawn.querySelectorAll(WORDS).forEach(text => text.setAttribute('fill', INK));
    drawn.querySelectorAll(RULES).forEach(line => line.setAttribute('stroke', GRID));
    for (const one of drawn.querySelectorAll('*')) {
        for (const name of ['fill', 'stroke']) {
            const color = one.getAttribute(name);
            if (color === 'currentColor') one.setAttribute(name, INK);
            if (color === 'Canvas') one.setAttribute(name, PAPER);
            // A gradient is in the file, not at the page's address.
            if (color?.includes('#gradient')) one.setAttribute(name, color.replace(/url\([^)]*#/, 'url(#'));
        }
        if (one.tagName === 'text') one.setAttribute('font-family', FONT);
    }
}

/* Lines no longer than `width`: at spaces, and within words that are longer than a line, as links are. */
function wrapped(text, width, size, weight) {
    const pen = document.createElement('canvas').getContext('2d');
    pen.font = `${weight} ${size}px ${FONT}`;
    const fits = line => pen.measureText(line).width <= width;
    const lines = [''];
    for (const word of text.split(/(?<= )/)) {
        if (fits((lines.at(-1) + word).trimEnd())) {
            lines[lines.length - 1] += word;
            continue;
        }
        if (lines.at(-1)) lines.push('');
        for (const letter of word) {
            if (!fits(lines.at(-1) + letter) && letter !== ' ') lines.push('');
            lines[lines.length - 1] += letter;
        }
    }
    return lines.map(line => line.trim()).filter(Boolean);
}

/* What else a chart is called by, for those who hear the page, may speak of what stands around it. */
function firstSentence(text) {
    return /^.*?(?=\.( |$)|$)/s.exec(text)[0];
}

/* Of the title's first words. */
function fileName(title) {
    const words = title.split(/[;,:(]/)[0].toLowerCase().match(/[a-z0-9]+/g) ?? ['chart'];
    return `vanish-${words.slice(0, 8).join('-')}`;
}

async function save(figure, kind, name) {
    const text = new XMLSerializer().serializeToString(figure);
    const blob = kind === 'svg' ? new Blob([text], { type: 'image/svg+xml' }) : await pixels(figure);
    const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(blob), download: `${name}.${kind}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/* The figure as a PNG, in the page's own font, which a picture does not know unless it holds it. */
async function pixels(figure) {
    const style = element('style', {});
    style.textContent = await font();
    figure.prepend(style);
    const picture = new Image();
    picture.src = URL.createObjectURL(
        new Blob([new XMLSerializer().serializeToString(figure)], { type: 'image/svg+xml' }));
    await picture.decode();
    const canvas = document.createElement('canvas');
    canvas.width = SCALE * figure.getAttribute('width');
    canvas.height = SCALE * figure.getAttribute('height');
    canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(picture.src);
    return new Promise(resolve => canvas.toBlob(resolve, 'image/png'));
}

/* The rule by which the page loads its font, with the font itself in it; nothing where it cannot be had. */
async function font() {
    const rules = [...document.styleSheets].flatMap(sheet => {
        try { return [...sheet.cssRules].map(rule => [rule, sheet.href]); } catch { return []; }
    });
    const [rule, base] = rules.find(([rule]) => rule instanceof CSSFontFaceRule
        && rule.style.getPropertyValue('font-family').includes('Source Sans')
        && rule.style.getPropertyValue('font-style') !== 'italic') ?? [];
    const address = rule?.style.getPropertyValue('src').match(/url\("?([^")]+)/)?.[1];
    if (!address) return '';
    try {
        const blob = await (await fetch(new URL(address, base ?? location.href))).blob();
        const data = await new Promise(resolve => {
            const reader = new FileReader();
            reader.onload = () => resolve(reader.result);
            reader.readAsDataURL(blob);
        });
        return `@font-face { font-family: "Source Sans"; font-weight: 100 900; src: url("${data}"); }`;
    } catch { return ''; }
}

function element(name, attributes) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
}
