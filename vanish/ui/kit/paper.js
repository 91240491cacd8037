/* On paper a page says what it was set to, and its tables are whole.

A table of the page is painted, as many of its rows and columns as there is room for: on paper a table of HTML stands in
its place.  Nothing runs before somebody prints. */

const TABLE = '[data-testid=stDataFrame]', COPY = 'vanish-paper';
// Of a table: rows that are printed, and columns side by side, the first of them in every part.
const MOST_ROWS = 100, MOST_COLUMNS = 16;

function watchPaper(page) {
    const print = () => beforePaper(page), paper = matchMedia('print');
    const turned = ({ matches }) => matches ? print() : afterPaper();
    addEventListener('beforeprint', print);
    addEventListener('afterprint', afterPaper);
    paper.addEventListener('change', turned);
    // The page may have been drawn anew on its way to paper.
    if (paper.matches) print();
    return () => {
        removeEventListener('beforeprint', print);
        removeEventListener('afterprint', afterPaper);
        paper.removeEventListener('change', turned);
    };
}

/* What the page says of itself; the theme, by which style.css turns what is painted dark on white; the tables. */
function beforePaper(page) {
    const { settings, link, made } = about(page), said = document.getElementById('vanish-figures');
    if (said) said.textContent = [settings, link, `${made}. Cite as: ${page.cite}`].filter(Boolean).join('\n');
    document.documentElement.dataset.vanishGround = getComputedStyle(document.querySelector('[data-testid=stApp]')).colorScheme;
    afterPaper();
    for (const painted of document.querySelectorAll(TABLE)) {
        const grid = gridOf(painted);
        if (grid) painted.after(copyOf(grid));
    }
}

function afterPaper() {
    document.querySelectorAll(`.${COPY}`).forEach(copy => copy.remove());
}

/* What a table's painter is told: its columns, how many rows there are, and what a cell says.  React alone keeps it. */
function gridOf(painted) {
    const fiber = Object.keys(painted).find(key => key.startsWith('__reactFiber$'));
    for (const nodes = [painted[fiber]]; nodes.length;) {
        const node = nodes.shift(), told = node?.memoizedProps;
        if (told?.getCellContent && told.columns && told.rows !== undefined) return told;
        for (let child = node?.child; child; child = child.sibling) nodes.push(child);
    }
    return null;
}

function copyOf({ columns, rows, getCellContent }) {
    const copy = Object.assign(document.createElement('div'), { className: COPY });
    const shown = Math.min(rows, MOST_ROWS), others = columns.map((_, place) => place).slice(1);
    for (let first = 0; first === 0 || first < others.length; first += MOST_COLUMNS - 1) {
        const places = [0, ...others.slice(first, first + MOST_COLUMNS - 1)];
        const table = copy.appendChild(document.createElement('table'));
        const row = (part, tag, cells) => {
            const line = part.insertRow();
            for (const { text, right } of cells) {
                const cell = line.appendChild(document.createElement(tag));
                cell.textContent = text;
                if (right) cell.style.textAlign = 'right';
            }
        };
        const cell = (place, line) => {
            const { displayData, data, contentAlign, isMissingValue } = getCellContent([place, line]);
            return { text: isMissingValue ? '' : displayData ?? `${data ?? ''}`, right: contentAlign === 'right' };
        };
        const headings = places.map(place => ({ text: columns[place].title, right: rows && cell(place, 0).right }));
        row(table.createTHead(), 'th', headings);
        const body = table.createTBody();
        for (let line = 0; line < shown; line++) row(body, 'td', places.map(place => cell(place, line)));
    }
    if (shown < rows) copy.append(`The first ${shown} of ${rows.toLocaleString('en')} rows: the download has all of them.`);
    return copy;
}
