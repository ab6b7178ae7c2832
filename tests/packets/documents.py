"""Small documents of the record, sound and hostile, made by the tests themselves."""

import zlib
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, String
from PIL import Image, ImageDraw


def saved(pdf: pikepdf.Pdf, **options: object) -> bytes:
    target = BytesIO()
    pdf.save(target, **options)  # type: ignore[arg-type]
    return target.getvalue()


def text_pdf(*texts: str, size: tuple[float, float] = (612, 792)) -> pikepdf.Pdf:
    """One page for each text, in a standard font, forty points from the lower left corner."""
    pdf = pikepdf.new()
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for text in texts:
        page = pdf.add_blank_page(page_size=size)
        page.obj.Resources = Dictionary(Font=Dictionary(F1=font))
        page.obj.Contents = pdf.make_stream(f"BT /F1 12 Tf 40 40 Td ({text}) Tj ET".encode("latin-1"))
    return pdf


def picture(mode: str = "RGB", size: tuple[int, int] = (425, 550)) -> Image.Image:
    """A page with a frame and a filled field on it."""
    sheet = Image.new("L", size, 255)
    drawing = ImageDraw.Draw(sheet)
    drawing.rectangle((20, 20, size[0] - 20, size[1] - 20), outline=0, width=3)
    drawing.rectangle((60, 60, 160, 120), fill=40)
    return sheet.convert(mode)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    target = BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def with_everything_that_acts() -> bytes:
    """A page that reads soundly, in a file with scripts, launch and open actions, a link and an attachment."""
    pdf = text_pdf("Sound page")
    script = Dictionary(S=Name.JavaScript, JS=String("app.alert('x')"))
    launch = Dictionary(S=Name.Launch, F=String("calc.exe"))
    pdf.Root.OpenAction = script
    pdf.Root.AA = Dictionary(WC=script)
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("x"), script])))
    page = pdf.pages[0].obj
    page.AA = Dictionary(O=launch)
    page.Annots = Array(
        [
            Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 99, 99], A=launch),
            Dictionary(
                Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 99, 99], A=uri("http://evil.example/")
            ),
            Dictionary(Type=Name.Annot, Subtype=Name.Screen, Rect=[0, 0, 99, 99], AA=Dictionary(PO=script)),
        ]
    )
    pdf.attachments["invoice.exe"] = b"MZ"
    return saved(pdf)


def uri(address: str) -> Dictionary:
    return Dictionary(S=Name.URI, URI=String(address))


def filled_form(value: str = "71.4") -> bytes:
    """A form whose one field has a value and no drawing of its own."""
    pdf = text_pdf("Weight in kg:")
    font = Dictionary(
        Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding
    )
    field = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Tx,
            T=String("weight"),
            V=String(value),
            DA=String("/Helv 12 Tf 0 g"),
            Rect=[150, 35, 250, 55],
            F=4,
            P=pdf.pages[0].obj,
        )
    )
    pdf.pages[0].obj.Annots = Array([field])
    pdf.Root.AcroForm = Dictionary(
        Fields=Array([field]), DR=Dictionary(Font=Dictionary(Helv=font)), DA=String("/Helv 12 Tf 0 g")
    )
    return saved(pdf)


def drawing_bomb(*, width: int = 10, depth: int = 9) -> bytes:
    """Forms that draw each other: `width` to the power of `depth` words from a file of a few kilobytes."""
    pdf = text_pdf("lol")
    resources = Dictionary(Font=pdf.pages[0].obj.Resources.Font)
    content = b"BT /F1 12 Tf 40 40 Td (lol) Tj ET"
    for _ in range(depth):
        form = pdf.make_stream(
            content, Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 612, 792], Resources=resources
        )
        resources = Dictionary(XObject=Dictionary(Again=form))
        content = b"/Again Do " * width
    pdf.pages[0].obj.Resources = resources
    pdf.pages[0].obj.Contents = pdf.make_stream(content)
    return saved(pdf)


def form_that_draws_itself() -> bytes:
    pdf = text_pdf("x")
    form = pdf.make_stream(b"/Self Do", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 612, 792])
    form.Resources = Dictionary(XObject=Dictionary(Self=form))
    pdf.pages[0].obj.Resources.XObject = Dictionary(Self=form)
    pdf.pages[0].obj.Contents = pdf.make_stream(b"/Self Do")
    return saved(pdf)


def flate_bomb(size: int = 320 << 20) -> bytes:
    """A page whose content is `size` bytes of blanks, packed a thousandfold."""
    packer = zlib.compressobj(9)
    blanks = b" " * (1 << 20)
    packed = b"".join(packer.compress(blanks) for _ in range(size >> 20)) + packer.flush()
    pdf = text_pdf("x")
    stream = pdf.make_stream(b"")
    stream.write(packed, filter=Name.FlateDecode)
    pdf.pages[0].obj.Contents = stream
    return saved(pdf, compress_streams=False)


def hidden_layer() -> bytes:
    pdf = text_pdf("x")
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("Internal remarks")))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))
    return saved(pdf)


def portfolio() -> bytes:
    pdf = text_pdf("Open this file in Acrobat")
    pdf.Root.Collection = Dictionary(Type=Name.Collection)
    pdf.attachments["record.pdf"] = saved(text_pdf("The record"))
    return saved(pdf)


def dynamic_form() -> bytes:
    pdf = text_pdf("Please wait")
    pdf.Root.NeedsRendering = True
    return saved(pdf)


def picture_in_another_file() -> bytes:
    pdf = text_pdf("x")
    image = pdf.make_stream(
        b"", Type=Name.XObject, Subtype=Name.Image, Width=9, Height=9, F=String("//server/x.jpg")
    )
    pdf.pages[0].obj.Resources.XObject = Dictionary(Im=image)
    return saved(pdf)


def picture_of_absurd_size() -> bytes:
    pdf = text_pdf("x")
    image = pdf.make_stream(
        b"\0",
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=60_000,
        Height=60_000,
        ColorSpace=Name.DeviceGray,
        BitsPerComponent=8,
    )
    pdf.pages[0].obj.Resources.XObject = Dictionary(Im=image)
    return saved(pdf)


def multi_page_tiff(pages: int = 3, *, compression: str = "group4") -> bytes:
    sheets = [picture("1") for _ in range(pages)]
    return encoded(
        sheets[0], "TIFF", save_all=True, append_images=sheets[1:], compression=compression, dpi=(204, 196)
    )
