Attribute VB_Name = "RunPythonOffice"
Option Explicit

' Stands for the module of xlwings where LibreOffice plays Excel, which does not compile that one: starts Python.
Public Function RunPython(PythonCommand As String)
    Shell Environ("XLTILTAK_PYTHON") & " -m tests.clicked " & Chr(34) & PythonCommand & Chr(34), 0
End Function
