// Makes ../program.min.js of what stands here: `npm install && npm run build`. Nobody needs it to use or to test Rightcall; only who changes the program.
// The QR library draws codes too; here it only reads them, so what draws is left out, and so are the texts of errors that nobody sees.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const DRAWING = ["fromString", "inverse", "scale", "clone", "assertDrawn", "toString", "toASCII", "toTerm", "toSVG", "toGIF", "toImage"];
const quiet = (source) => source.replace(/throw new Error\((?:`[^`]*`|'[^']*'|"[^"]*")\)/g, "throw Error()");
const withoutDrawing = (source) =>
  DRAWING.reduce((text, name) => text.replace(new RegExp(`^    (static )?${name}\\([^\\n]*\\) \\{\\n[\\s\\S]*?\\n    \\}\\n`, "m"), ""), source);

// Names of the library's own fields, which nobody else reads.
const OWN = /^(moduleSize|totalSize|polynomial|alignmentPatterns|mulPoly\w*|toCenter|checkSize|versionBits|formatBits|lengthBits|coefficient|evalPoly|remainderPoly|divisorPoly|monomial|scanLine|shortBlocks|numBlocks|euclidian|addPoly|isInside|rectRead|hLine|vLine|modulesize|alphanumerc|pointsOnDetect|imageOn\w+|cropToSquare|validateVersion|drawTemplate|interleave|zigzag|fillArr|maxCount|capacity|patternEquals)$/;

const lean = {
  name: "lean",
  setup(building) {
    building.onLoad({ filter: /node_modules\/qr\/.*\.js$/ }, ({ path }) => {
      const source = readFileSync(path, "utf-8");
      return { contents: quiet(withoutDrawing(source)), loader: "js" };
    });
  },
};

const result = await build({ entryPoints: ["page.js"], bundle: true, minify: true, format: "iife", target: "es2020", charset: "utf8", legalComments: "none", write: false, mangleProps: OWN, plugins: [lean] });
const sources = ["build.js", "ed25519.js", "package.json", "page.js", "sha512.js", "verdict.js"].map((name) => readFileSync(name, "utf-8"));
const mark = createHash("sha256").update(sources.join("\0")).digest("hex").slice(0, 16);
writeFileSync("../program.min.js", `/* ${mark} with qr 0.5.2, (c) 2023 Paul Miller, MIT */${result.outputFiles[0].text.trim()}\n`);
