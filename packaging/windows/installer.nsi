; Installs CatDog for one user of Windows, without an administrator. Compiled by makensis (also on Linux):
;   makensis -DVERSION=2.0.0 -DBUNDLE=dist/CatDog -DTARGET=CatDog-setup.exe packaging/windows/installer.nsi
; Silent: CatDog-setup.exe /S [/D=C:\folder], and Uninstall.exe /S. Never run on Windows so far.
Unicode true
!include "MUI2.nsh"
!include "FileFunc.nsh"

!define NAME "CatDog"
!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\CatDog"
!define APP_KEY "Software\Classes\Applications\CatDog.exe"

Name "${NAME}"
OutFile "${TARGET}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\CatDog"
InstallDirRegKey HKCU "Software\CatDog" "InstallDir"
SetCompressor /SOLID lzma
SetDateSave off
BrandingText "${NAME} ${VERSION}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "${NAME}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "${NAME} installer"
VIAddVersionKey "LegalCopyright" "Apache License 2.0"

!define MUI_FINISHPAGE_RUN "$INSTDIR\CatDog.exe"
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

Section "CatDog"
  SetOutPath "$INSTDIR"
  ; Of an older version; only what the installer has put here. Settings and stored data are elsewhere.
  RMDir /r "$INSTDIR\_internal"
  File /r "${BUNDLE}\*"
  WriteUninstaller "$INSTDIR\Uninstall.exe"
  CreateShortcut "$SMPROGRAMS\CatDog.lnk" "$INSTDIR\CatDog.exe"

  ; Open with, for photos and folders; no file type is taken away from another program.
  WriteRegStr HKCU "${APP_KEY}" "FriendlyAppName" "${NAME}"
  WriteRegStr HKCU "${APP_KEY}\shell\open\command" "" '"$INSTDIR\CatDog.exe" "%1"'
!macro OpenWith ending
  WriteRegStr HKCU "${APP_KEY}\SupportedTypes" ".${ending}" ""
  WriteRegStr HKCU "Software\Classes\.${ending}\OpenWithList\CatDog.exe" "" ""
!macroend
  !insertmacro OpenWith "jpg"
  !insertmacro OpenWith "jpeg"
  !insertmacro OpenWith "png"
  !insertmacro OpenWith "webp"
  !insertmacro OpenWith "gif"
  !insertmacro OpenWith "bmp"
  !insertmacro OpenWith "tif"
  !insertmacro OpenWith "tiff"
  !insertmacro OpenWith "avif"
  !insertmacro OpenWith "heic"
  !insertmacro OpenWith "heif"
  WriteRegStr HKCU "Software\Classes\.catdog" "" "CatDog.Model"
  WriteRegStr HKCU "Software\Classes\CatDog.Model" "" "CatDog model"
  WriteRegStr HKCU "Software\Classes\CatDog.Model\shell\open\command" "" '"$INSTDIR\CatDog.exe" "%1"'
  WriteRegStr HKCU "Software\Classes\Directory\shell\CatDog" "" "Open with CatDog"
  WriteRegStr HKCU "Software\Classes\Directory\shell\CatDog" "Icon" '"$INSTDIR\CatDog.exe"'
  WriteRegStr HKCU "Software\Classes\Directory\shell\CatDog\command" "" '"$INSTDIR\CatDog.exe" "%1"'

  WriteRegStr HKCU "Software\CatDog" "InstallDir" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayIcon" '"$INSTDIR\CatDog.exe"'
  WriteRegStr HKCU "${UNINSTALL_KEY}" "Publisher" "CatDog Desktop contributors"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\Uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\Uninstall.exe" /S'
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  IntFmt $0 "0x%08X" $0
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "EstimatedSize" "$0"
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoRepair" 1
SectionEnd

Section "Uninstall"
  ; Only what the bundle has brought: the user may have chosen a folder with other files.
  RMDir /r "$INSTDIR\_internal"
  RMDir /r "$INSTDIR\licences"
  Delete "$INSTDIR\CatDog.exe"
  Delete "$INSTDIR\catdog-cli.exe"
  Delete "$INSTDIR\LICENSE.txt"
  Delete "$INSTDIR\NOTICE.txt"
  Delete "$INSTDIR\Uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\CatDog.lnk"
!macro NoOpenWith ending
  DeleteRegKey HKCU "Software\Classes\.${ending}\OpenWithList\CatDog.exe"
!macroend
  !insertmacro NoOpenWith "jpg"
  !insertmacro NoOpenWith "jpeg"
  !insertmacro NoOpenWith "png"
  !insertmacro NoOpenWith "webp"
  !insertmacro NoOpenWith "gif"
  !insertmacro NoOpenWith "bmp"
  !insertmacro NoOpenWith "tif"
  !insertmacro NoOpenWith "tiff"
  !insertmacro NoOpenWith "avif"
  !insertmacro NoOpenWith "heic"
  !insertmacro NoOpenWith "heif"
  DeleteRegKey HKCU "${APP_KEY}"
  DeleteRegKey HKCU "Software\Classes\.catdog"
  DeleteRegKey HKCU "Software\Classes\CatDog.Model"
  DeleteRegKey HKCU "Software\Classes\Directory\shell\CatDog"
  DeleteRegKey HKCU "Software\CatDog"
  DeleteRegKey HKCU "${UNINSTALL_KEY}"
SectionEnd
