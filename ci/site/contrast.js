// The worst contrast of the texts of a page, a line for each kind of element: its name, the ratio, a text.
() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const parse = text => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = text;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
    const ground = element => {
        const layers = [];
        for (let e = element; e; e = e.parentElement) layers.unshift(parse(getComputedStyle(e).backgroundColor));
        return layers.reduce((below, top) => over(top, below), [255, 255, 255, 1]);
    };
    const part = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const light = c => 0.2126 * part(c[0]) + 0.7152 * part(c[1]) + 0.0722 * part(c[2]);
    const found = new Map();
    for (const element of document.querySelectorAll('article *, .md-tabs *, .md-header__title *')) {
        const own = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
        if (!own || !element.getClientRects().length || element.closest('.headerlink, button')) continue;
        const below = ground(element), text = over(parse(getComputedStyle(element).color), below);
        const [dim, bright] = [light(text), light(below)].sort((a, b) => a - b);
        const key = `${element.tagName}.${element.className}`;
        const ratio = (bright + 0.05) / (dim + 0.05);
        if (!found.has(key) || found.get(key)[0] > ratio) found.set(key, [ratio, element.textContent.slice(0, 30)]);
    }
    return [...found].map(([key, [ratio, text]]) => [key, ratio, text]);
}
