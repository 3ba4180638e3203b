"""Names that files are given by people who mean harm, and what each is called here."""

HOSTILE = {
    "../../etc/passwd": "etc_passwd", "..": "file", ".": "file", "": "file", "/": "file", "\\": "file", "a/b.txt": "a_b.txt",
    "C:\\fakepath\\x.png": "C_fakepath_x.png", "\\\\host\\share\\x.txt": "host_share_x.txt", "/etc/shadow": "etc_shadow",
    "%2e%2e%2fx.txt": "2e_2e_2fx.txt", "a\0b.txt": "a_b.txt", "a\nb.txt": "a_b.txt", "a\r\nSet-Cookie: x=1.txt": "a_Set-Cookie_x_1.txt",
    "-rf": "rf", "--help.txt": "help.txt", ".htaccess": "htaccess", "~": "file", "$HOME.txt": "HOME.txt", "`id`.txt": "id_.txt",
    "a;b.txt": "a_b.txt", "<b>.txt": "b_.txt", '"x".txt': "x_.txt", "a'b.txt": "a_b.txt", "x.txt.": "x.txt", "x.txt ": "x.txt",
    " x.txt": "x.txt", "\u202egpj.exe": "gpj.exe", "a\u200bb.txt": "a_b.txt", "CON": "CON", "aux.txt": "aux.txt",
    "my pic (1).png": "my_pic_1_.png",
    "отчёт за год.pdf": "отчёт_за_год.pdf", "и\u0306.txt": "й.txt", "\ud800.txt": "txt", "😀.png": "png", "+,._-": "file",
    "a:b.txt": "a_b.txt", "a*?.txt": "a_.txt", "blob": "file", "x..txt": "x..txt",
}  # fmt: skip
