// Opens a workbook in SheetJS or ExcelJS, types into its first sheet and saves it: node rewrite.js NAME IN OUT EDITS
const [name, from, to, typed] = process.argv.slice(2);
const edits = JSON.parse(require('fs').readFileSync(typed, 'utf8'));

async function exceljs() {
  const { Workbook } = require('exceljs');
  const book = new Workbook();
  await book.xlsx.readFile(from);
  for (const [cell, value] of edits) book.worksheets[0].getCell(cell).value = value;
  await book.xlsx.writeFile(to);
}

function sheetjs() {
  const xlsx = require('xlsx');
  const book = xlsx.readFile(from, { cellStyles: true });
  const sheet = book.Sheets[book.SheetNames[0]];
  for (const [cell, value] of edits) xlsx.utils.sheet_add_aoa(sheet, [[value]], { origin: cell });
  xlsx.writeFile(book, to);
}

({ exceljs, sheetjs })[name]();
