Attribute VB_Name = "XltiltakButtons"
Option Explicit

' The buttons of the coordinator's workbook. Each forwards to the function of the same name in xltiltak.excel.
' There is no logic here, and there are no texts: what happens is decided and said in Python.

Public Sub XltiltakSplit()
    RunPython "import xltiltak.excel;xltiltak.excel.split()"
End Sub

Public Sub XltiltakCheck()
    RunPython "import xltiltak.excel;xltiltak.excel.check()"
End Sub

Public Sub XltiltakMerge()
    RunPython "import xltiltak.excel;xltiltak.excel.merge()"
End Sub

Public Sub XltiltakReport()
    RunPython "import xltiltak.excel;xltiltak.excel.report()"
End Sub

Public Sub XltiltakRemind()
    RunPython "import xltiltak.excel;xltiltak.excel.remind()"
End Sub

Public Sub XltiltakChoosePlan()
    RunPython "import xltiltak.excel;xltiltak.excel.choose_plan()"
End Sub

Public Sub XltiltakChooseSent()
    RunPython "import xltiltak.excel;xltiltak.excel.choose_sent()"
End Sub

Public Sub XltiltakChooseReturned()
    RunPython "import xltiltak.excel;xltiltak.excel.choose_returned()"
End Sub
