Attribute VB_Name = "XltiltakAddin"
Option Explicit

' The ribbon tab of xltiltak. Each button starts the Python that is named in the hidden sheet of this add-in, with one
' word that says which button it was. No workbook name, no path of a workbook and no text of a cell is in a command,
' and nothing is read from the active workbook. There is no logic here: what happens is decided and said in Python.

Private Const HIDDEN_WINDOW As Long = 0
Private Const WAIT_FOR_END As Boolean = True

Public Sub XltiltakClick(control As IRibbonControl)
    Select Case control.ID
        Case "xltiltakDesk": StartPython "desk"
        Case "xltiltakSplit": StartPython "split"
        Case "xltiltakCheck": StartPython "check"
        Case "xltiltakMerge": StartPython "merge"
        Case "xltiltakReport": StartPython "report"
        Case "xltiltakRemind": StartPython "remind"
        Case "xltiltakNew": StartPython "new"
        Case "xltiltakDoctor": StartPython "doctor"
        Case "xltiltakHelp": StartPython "help"
    End Select
End Sub

Private Sub StartPython(verb As String)
    Dim python As String
    #If Mac Then
        python = Setting("B2")
        On Error GoTo Blocked
        AppleScriptTask "xltiltak.applescript", "XltiltakStart", python & "|" & verb
    #Else
        Dim shell As Object, exitCode As Long
        Set shell = CreateObject("WScript.Shell")
        python = shell.ExpandEnvironmentStrings(Setting("B1"))
        ' Dir and GetAttr only know the letters of one code page.
        If Not CreateObject("Scripting.FileSystemObject").FileExists(python) Then
            MsgBox Setting("B3") & vbNewLine & python, vbCritical, "xltiltak"
            Exit Sub
        End If
        On Error GoTo Blocked
        exitCode = shell.Run(Chr(34) & python & Chr(34) & " -m xltiltak ribbon " & verb & " --hwnd " & Application.Hwnd, HIDDEN_WINDOW, WAIT_FOR_END)
        ' Python ends with 0 when it has shown its own sentence.
        If exitCode <> 0 Then MsgBox Setting("B5") & " (" & exitCode & ")", vbCritical, "xltiltak"
    #End If
    Exit Sub
Blocked:
    MsgBox Setting("B4") & vbNewLine & Err.Description, vbCritical, "xltiltak"
End Sub

Private Function Setting(address As String) As String
    ' Python and the sentences, in the language that the add-in was installed in.
    Setting = CStr(ThisWorkbook.Worksheets(1).Range(address).Value)
End Function
