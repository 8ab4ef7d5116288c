// The shape of a word: capitals, digit, dash and ending; and which letters a shape allows after a beginning.
(() => {
  const SUFFIXES = ["ed", "ing", "ion", "er", "est", "ly", "ity", "y", "al"], LONG = 5, CAPITALS = ["LC", "INITC", "ALLC", "MIXC"];
  const AFTER_UPPER = { "": "ONE", ONE: "ALLC", LC: "MIXC", INITC: "MIXC", ALLC: "ALLC", MIXC: "MIXC" };
  const AFTER_LOWER = { "": "LC", ONE: "INITC", LC: "LC", INITC: "INITC", ALLC: "MIXC", MIXC: "MIXC" };
  const CAN_BECOME = { "": ["", "LC", "INITC", "ALLC", "MIXC"], ONE: ["INITC", "ALLC", "MIXC"], LC: ["LC", "MIXC"], INITC: ["INITC", "MIXC"], ALLC: ["ALLC", "MIXC"], MIXC: ["MIXC"] };
  // Digits as Python has them: decimal ones, raised and lowered ones, and those in circles and brackets.
  const DIGIT = /[\p{Nd}\u00b2\u00b3\u00b9\u1369-\u1371\u19da\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468\u2474-\u247c\u2488-\u2490\u24ea\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792]/u;

  const kind = (character) => (/\p{L}/u.test(character) ? (/[\p{Lu}\p{Lt}]/u.test(character) ? "upper" : "lower") : DIGIT.test(character) ? "digit" : character === "-" ? "dash" : "rest");
  const after = ({ capitals, digit, dash }, of) => ({
    capitals: of === "upper" ? AFTER_UPPER[capitals] : of === "lower" ? AFTER_LOWER[capitals] : capitals,
    digit: digit || of === "digit",
    dash: dash || of === "dash",
  });
  const form = (text) => Array.from(text, kind).reduce(after, { capitals: "", digit: false, dash: false });

  const ending = ({ capitals, digit, dash }, text, endings) => {
    const characters = Array.from(text), lower = text.toLowerCase();
    if (endings) return dash || digit || characters.length < LONG ? "" : endings.find((candidate) => lower.endsWith(candidate)) || "";
    const last = characters.slice(-3).join("").toLowerCase();
    if (last.endsWith("s") && characters.length >= 3) return "siu".includes(last[last.length - 2]) ? "" : "s";
    if (characters.length < LONG || dash || (digit && !["", "LC"].includes(capitals))) return "";
    return SUFFIXES.find((candidate) => last.endsWith(candidate)) || "";
  };
  const signature = (known, text, endings) => [known.capitals === "ONE" ? "INITC" : known.capitals, known.digit ? "NUM" : "", known.dash ? "DASH" : "", ending(known, text, endings)].filter(Boolean).join("-") || "NONE";
  live.shape = (text, endings) => signature(form(text), text, endings);

  const canBecome = ({ capitals, digit, dash }, shape) => {
    const parts = shape.split("-"), goal = CAPITALS.includes(parts[0]) ? parts[0] : "";
    return !(digit && !parts.includes("NUM")) && !(dash && !parts.includes("DASH")) && CAN_BECOME[capitals].includes(goal);
  };

  // Which of the end and the characters may follow a prefix: the end stands first in ``characters``; all may after what no word of the shape has.
  const MARKS = new RegExp(`^${live.JOINER}+|${live.JOINER}+$`, "g");
  live.withinShape = (endings) => (shape, prefix, characters) => {
    const text = prefix.replace(MARKS, ""), known = form(text);
    if (shape === "OTHER" || !canBecome(known, shape)) return characters.map(() => true);
    const whole = text !== "" && signature(known, text, endings) === shape;
    if (text && prefix.endsWith(live.JOINER)) return characters.map((_, i) => i === 0 && whole);
    const may = {};
    for (const of of ["upper", "lower", "digit", "dash", "rest"]) may[of] = canBecome(after(known, of), shape);
    return characters.map((character, i) => (i === 0 ? whole : character === live.JOINER ? whole || !prefix : may[kind(character)]));
  };
})();
