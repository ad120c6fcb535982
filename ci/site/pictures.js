// The contrast of each text of a picture with what is behind its middle: the ratio and the text.
() => {
    const parse = text => text.match(/[\d.]+/g).map(Number);
    const part = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const light = c => 0.2126 * part(c[0]) + 0.7152 * part(c[1]) + 0.0722 * part(c[2]);
    const behind = text => {
        const box = text.getBoundingClientRect();
        const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
        const around = [...document.querySelectorAll('rect')].filter(rect => {
            const { left, right, top, bottom } = rect.getBoundingClientRect();
            return left <= x && x <= right && top <= y && y <= bottom;
        });
        return parse(getComputedStyle(around.pop()).fill);
    };
    return [...document.querySelectorAll('text')].map(text => {
        const tones = [parse(getComputedStyle(text).fill), behind(text)].map(light).sort((a, b) => a - b);
        return [(tones[1] + 0.05) / (tones[0] + 0.05), text.textContent];
    });
}
