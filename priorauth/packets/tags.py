"""The structure tree of a packet: the letter's own tree, the cover's beside it, one section for each exhibit.

Merging PDF files loses the tags of all of them. Here the letter is the file that everything is added
to, which keeps its tags, language and embedded facts.
"""

import pikepdf
from pikepdf import Array, Dictionary, Name, String


class StructureTree:
    """Adds to the structure tree of an open file; keys of the parent tree are numbered on."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf
        self._root = pdf.Root.StructTreeRoot
        self._document = self._root.K[0]
        self._numbers = self._root.ParentTree.Nums
        keys = [int(key) for key in list(self._numbers)[::2]]
        self._next_key = max(keys, default=-1) + 1
        self._additions: list[pikepdf.Object] = []

    def graft(self, other: pikepdf.Pdf, pages: list[pikepdf.Page]) -> None:
        """Put the tree of another file first. Its pages must already be in this one, as `pages`."""
        offset = self._next_key
        copied = self._pdf.copy_foreign(other.Root.StructTreeRoot)
        tops = list(copied.K)
        for top in tops:
            top.P = self._document
        self._document.K = Array([*tops, *self._document.K])
        entries = list(copied.ParentTree.Nums)
        for key, owners in zip(entries[::2], entries[1::2], strict=True):
            self._number(int(key) + offset, owners)
        for page in pages:
            page.obj.StructParents = int(page.obj.StructParents) + offset
            for annotation in page.obj.get("/Annots", ()):
                annotation.StructParent = int(annotation.StructParent) + offset

    def section(self, title: str) -> pikepdf.Object:
        """A section at the end of the document, for one exhibit."""
        section = self._pdf.make_indirect(
            Dictionary(Type=Name.StructElem, S=Name.Sect, P=self._document, T=String(title), K=Array([]))
        )
        self._additions.append(section)
        return section

    def page(self, section: pikepdf.Object, page: pikepdf.Page, *, scan_described: str | None) -> None:
        """One page of an exhibit, as marked content 0.

        A scan is a figure with a description. A page with text is a paragraph: as a figure its text
        would be hidden from a screen reader.
        """
        element = Dictionary(Type=Name.StructElem, P=section, Pg=page.obj, K=0)
        if scan_described is None:
            element.S = Name.P
        else:
            element.S = Name.Figure
            element.Alt = String(scan_described)
            element.A = Dictionary(O=Name.Layout, Placement=Name.Block, BBox=page.obj.MediaBox)
        element = self._pdf.make_indirect(element)
        section.K.append(element)
        page.obj.StructParents = self._next_key
        page.obj.Tabs = Name.S
        self._number(self._next_key, Array([element]))

    def finish(self) -> None:
        """Hang the sections into the document; once, since growing a long array is slow."""
        self._document.K = Array([*self._document.K, *self._additions])
        self._root.ParentTreeNextKey = self._next_key

    def _number(self, key: int, owners: pikepdf.Object) -> None:
        self._numbers.extend(Array([key, owners]))
        self._next_key = max(self._next_key, key + 1)
